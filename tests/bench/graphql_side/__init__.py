"""What the section ``graphql`` measures with: the data, the questions, the clients and the servers."""
