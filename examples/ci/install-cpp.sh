apt-get update
apt-get install -y jq ./vendor/nimbus_*_amd64.deb
