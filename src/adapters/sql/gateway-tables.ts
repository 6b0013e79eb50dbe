/** What gateways say about themselves; a row for each process that has not ended as it should. */
export interface GatewayTables {
  gateways: {
    id: string;
    name: string;
    reported_at: number;
    /** The report as JSON. */
    report: string;
  };
}
