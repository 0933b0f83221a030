nimbus whoami --aws
nimbus init --create-bucket --region us-east-1
nimbus plan
nimbus deploy
