nimbus init --create-bucket --region us-east-1
