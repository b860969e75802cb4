State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      244          0.0.0.0:5432      0.0.0.0:*          
