State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      128        10.0.1.17:5000      0.0.0.0:*          
