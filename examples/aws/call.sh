url=$(nimbus outputs --json | jq -r '.apis[0].url')
curl -sf -X POST "$url/init"
curl -sf -X POST "$url/entries" -H 'Content-Type: application/json' -d '{"name":"Alice","message":"It works!"}'
curl -sf "$url/entries"
