# Runs one cell in the kernel of the connection file; exit status 0 when the kernel answers that it went well.
import sys

from jupyter_client import BlockingKernelClient

connection_file, code = sys.argv[1:]
client = BlockingKernelClient(connection_file=connection_file)
client.load_connection_file()
client.start_channels(hb=False)
# The request waits in the socket until the kernel is up. Not wait_for_ready(): it takes a kernel that has not
# answered a heartbeat within a second for a dead one, and Node needs longer to start.
reply = client.execute(code, reply=True, timeout=90)
client.stop_channels()
sys.exit(reply["content"]["status"] != "ok")
