nimbus outputs
nimbus status
nimbus logs post-entries
nimbus sql -c 'SELECT * FROM entries'
