nimbus init --policy --stage prod > production.json
aws iam create-role --role-name shop-production --assume-role-policy-document file://trust-github-production.json
aws iam create-policy --policy-name shop-production --policy-document file://production.json
aws iam attach-role-policy --role-name shop-production \
  --policy-arn arn:aws:iam::123456789012:policy/shop-production

nimbus init --policy --stage 'pr-*' > previews.json
aws iam create-role --role-name shop-previews --assume-role-policy-document file://trust-github-previews.json
aws iam create-policy --policy-name shop-previews --policy-document file://previews.json
aws iam attach-role-policy --role-name shop-previews \
  --policy-arn arn:aws:iam::123456789012:policy/shop-previews
