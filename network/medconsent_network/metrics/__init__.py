"""What is watched from outside: metrics of a home, and what Prometheus and Grafana are told to do with them."""
