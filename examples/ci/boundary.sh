aws iam create-policy --policy-name shop-limit --policy-document file://boundary.json
