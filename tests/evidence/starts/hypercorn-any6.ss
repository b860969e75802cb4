State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      100                *:8000            *:*          
