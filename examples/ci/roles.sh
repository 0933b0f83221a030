aws iam create-role --role-name shop-production --assume-role-policy-document file://trust-github-production.json
aws iam create-role --role-name shop-previews --assume-role-policy-document file://trust-github-previews.json
