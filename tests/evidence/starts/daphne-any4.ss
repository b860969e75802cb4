State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      50           0.0.0.0:8000      0.0.0.0:*          
