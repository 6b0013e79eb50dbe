# from the pages of three APIs
curl https://api.stripe.com/v1/charges/ch_3MmlLrLkdIwHu7ix0snN0B15 -u "$STRIPE_KEY:"
curl -L -X PATCH https://api.github.com/repos/{owner}/{repo}/issues/{issue_number} -H "Accept: application/vnd.github+json" -H "Authorization: Bearer <YOUR-TOKEN>" -d '{"state":"closed","labels":["bug"]}'
curl -X POST https://api.github.com/graphql -H "Authorization: bearer $GITHUB_TOKEN" --json '{"query":"query($login: String!) { user(login: $login) { id } }","variables":{"login":"ada"}}'
curl --upload-file report.pdf 'https://files.example.com/reports/2024?notify=true' --max-time 120 --proxy socks5h://10.0.0.9:1080 -k
curl -X PROPFIND https://dav.example.com/files
wget https://example.com
