nimbus destroy --project guestbook --region us-east-1 --force
