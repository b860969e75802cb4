State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      1024         0.0.0.0:8080      0.0.0.0:*          
