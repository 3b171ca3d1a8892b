# A whole OpenStack Swift on loopback that speaks S3, of Debian's python3-swift alone: no service, no user, nothing in /etc.
#   python3 tests/s3/swiftd.py DIR PORT      DIR on a file system with extended attributes; PORT and the three after it
# Serves until SIGTERM or until its standard input ends. Access key test:tester, secret testing, region us-east-1;
# PORT is path style at 127.0.0.1 and virtual hosts at <bucket>.localhost. tests/s3/swift.mjs starts it.
import os
import pwd
import signal
import sys

import eventlet
# What Swift would do in each process, before there are thousands of objects for it to look through.
eventlet.patcher.monkey_patch(all=False, socket=True, select=True, thread=True)

from swift.common import utils  # noqa: E402

DIR = os.path.abspath(sys.argv[1])
PORT = int(sys.argv[2])
USER = pwd.getpwuid(os.geteuid()).pw_name
SERVERS = {'account': PORT + 1, 'container': PORT + 2, 'object': PORT + 3}
STORAGE = '''[DEFAULT]
bind_ip = 127.0.0.1
bind_port = %(port)d
user = %(user)s
swift_dir = %(dir)s
devices = %(dir)s/devices
mount_check = false
workers = 0
log_level = WARNING
[pipeline:main]
pipeline = %(name)s-server
[app:%(name)s-server]
use = egg:swift#%(name)s
'''
PROXY = '''[DEFAULT]
bind_ip = 127.0.0.1
bind_port = %(port)d
user = %(user)s
swift_dir = %(dir)s
workers = 0
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck memory listing_formats bulk s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:memory]
paste.filter_factory = swiftd:memory_factory
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = localhost
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
''' + ''.join('[filter:%s]\nuse = egg:swift#%s\n' % (name, name) for name in (
    'catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 'bulk', 'copy', 'slo'))


# What the proxy would ask a memcached for.
class Memory:
    def __init__(self):
        self.kept = {}

    def get(self, key, *args, **more):
        return self.kept.get(key)

    def set(self, key, value, *args, **more):
        self.kept[key] = value

    def incr(self, key, delta=1, *args, **more):
        self.kept[key] = self.kept.get(key, 0) + delta
        return self.kept[key]

    def delete(self, key, *args, **more):
        self.kept.pop(key, None)


def memory_factory(conf, **more):
    memory = Memory()

    def put_between(app):
        def call(environ, start_response):
            environ['swift.cache'] = memory
            return app(environ, start_response)
        return call
    return put_between


def write(name, text):
    with open(os.path.join(DIR, name), 'w') as file:
        file.write(text)


def prepare():
    os.makedirs(os.path.join(DIR, 'devices', 'disk'), exist_ok=True)
    write('swift.conf', '[swift-hash]\nswift_hash_path_suffix = maru\nswift_hash_path_prefix = maru\n')
    write('proxy.conf', PROXY % {'port': PORT, 'user': USER, 'dir': DIR})
    for name, port in SERVERS.items():
        write(name + '.conf', STORAGE % {'name': name, 'port': port, 'user': USER, 'dir': DIR})


def build_rings():
    from swift.common.ring import RingBuilder
    for name, port in SERVERS.items():
        ring = RingBuilder(2, 1, 1)
        ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'disk', 'weight': 1,
                      'replication_ip': '127.0.0.1', 'replication_port': port, 'meta': ''})
        ring.rebalance()
        ring.get_ring().save(os.path.join(DIR, name + '.ring.gz'))


def serve(name):
    from swift.common.wsgi import run_wsgi
    sys.exit(run_wsgi(os.path.join(DIR, name + '.conf'), name + '-server'))


# A child each, which shares what is loaded here.
def fork(name):
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        serve(name)
    return pid


def main():
    prepare()
    utils.SWIFT_CONF_FILE = os.path.join(DIR, 'swift.conf')
    build_rings()
    import swift.common.wsgi  # noqa: F401 after the name of the configuration is set
    children = [fork(name) for name in ('account', 'container', 'object', 'proxy')]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        while sys.stdin.buffer.read1(4096):
            pass
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


if __name__ == '__main__':
    main()
