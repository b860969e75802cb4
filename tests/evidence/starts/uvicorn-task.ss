State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      2048       10.0.1.17:8000      0.0.0.0:*          
