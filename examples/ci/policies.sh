nimbus init --policy --stage prod > production.json
aws iam put-role-policy --role-name shop-production --policy-name deploy --policy-document file://production.json

nimbus init --policy --preview --stage 'pr-*' > previews.json
aws iam put-role-policy --role-name shop-previews --policy-name deploy --policy-document file://previews.json
