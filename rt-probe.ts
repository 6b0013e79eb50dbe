import { descriptions } from "./test/corpus/descriptions.ts";
import { openRoundTrip } from "./test/corpus/round-trip.ts";
const only=process.argv.slice(2); const n=Number(process.env.N??3);
const c:Record<string,number>={};
for(const d of descriptions.filter(d=>only.length?only.some(o=>d.name.includes(o)):!d.isLarge)){ let r; try{ r=await openRoundTrip(d,n); for await(const t of r.trips()){ c[t.outcome]=(c[t.outcome]??0)+1; if(t.outcome!=='accepted') console.log(t.outcome,d.name,t.operation,'->',t.target.slice(0,150),'::',t.reason.slice(0,260)); } }catch(e){console.log('THROW',d.name,String(e).slice(0,200))} await r?.close(); }
console.log(c);
