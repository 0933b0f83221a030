# Ten posts, while a fifth of all transactions meets a conflict: each is stored once.
url=$(nimbus outputs --json | jq -r '.apis[0].url')
curl -sf -X POST "$url/init"
user=$(curl -sf -X POST "$url/users" -d '{"name":"Ada","email":"ada@example.com"}' | jq -r .id)
nimbus local faults --conflicts 20% --seed 2
for number in 1 2 3 4 5 6 7 8 9 10; do
    curl -sf -X POST "$url/users/$user/posts" -d "{\"title\":\"Post $number\"}"
done
nimbus local faults
nimbus local faults --off
curl -sf "$url/users/$user/posts" | jq '.posts | length'
