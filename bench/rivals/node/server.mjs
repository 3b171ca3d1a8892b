// The usual chat server of Node, to measure Maru against: Express for sending, socket.io for hearing,
// a pool of mysql2 for both. What it is modelled on: README.md.
//
//   PORT (0: any free one) DB_SOCKET DB_USER DB_PASSWORD DB_NAME JWT_SECRET [POOL=32] [FANOUT=1]
//
// Prints "listening on 127.0.0.1:PORT" when it takes requests; SIGTERM ends it.
import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import express from 'express';
import jwt from 'jsonwebtoken';
import mysql from 'mysql2/promise';
import { Server } from 'socket.io';

const { env } = process;
const pool = mysql.createPool({
  socketPath: env.DB_SOCKET,
  user: env.DB_USER,
  password: env.DB_PASSWORD,
  database: env.DB_NAME,
  connectionLimit: Number(env.POOL ?? 32),
  timezone: 'Z',
});
const app = express();
const server = createServer(app);
const io = new Server(server);

// ---- what both ways of sending share ---------------------------------------------------------------

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const key = createSecretKey(Buffer.from(env.JWT_SECRET));

// The number of the user whom a token belongs to.
function userOf(token) {
  try {
    return Number(jwt.verify(token, key, { algorithms: ['HS256'] }).sub);
  } catch {
    throw new Refused(401, 'not a valid token');
  }
}

const roomName = (room) => `room:${room}`;

// Stores a message, tells it to its room, resolves with the row.
async function sendMessage(user, room, body) {
  if (!Number.isSafeInteger(room) || typeof body !== 'string' || body === '' || body.length > 4000)
    throw new Refused(400, 'a message needs a room and a body of up to 4000 characters');
  const [{ insertId }] = await pool.execute(
    'INSERT INTO messages (room, user, body) VALUES (?, ?, ?)', [room, user, body]);
  const [[row]] = await pool.execute(
    `SELECT m.id, m.room, m.user, u.nickname, m.body, m.created_at
       FROM messages m JOIN users u ON u.id = m.user WHERE m.id = ?`, [insertId]);
  io.to(roomName(room)).emit('message', row);
  return row;
}

// What a client may be told about an error.
function problemOf(error) {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  return { status, message: status < 500 ? error.message : 'internal error' };
}

// ---- HTTP ------------------------------------------------------------------------------------------

app.disable('x-powered-by');
app.disable('etag');

function authenticate(req, res, next) {
  req.user = userOf(/^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1]);
  next();
}

app.post('/rooms/:room/messages', authenticate, express.json(), async (req, res) => {
  res.status(201).json(await sendMessage(req.user, Number(req.params.room), req.body?.body));
});

// Express tells an error handler by its four parameters.
app.use((error, req, res, next) => {
  const problem = problemOf(error);
  res.status(problem.status).json({ error: problem.message });
});

// ---- socket.io -------------------------------------------------------------------------------------

io.use((socket, next) => {
  try {
    socket.data.user = userOf(socket.handshake.auth.token);
    next();
  } catch (error) {
    next(error);
  }
});

io.on('connection', (socket) => {
  socket.on('join', (room, ack) => {
    socket.join(roomName(room));
    ack?.({ ok: true });
  });
  socket.on('send', async (message, ack) => {
    try {
      const row = await sendMessage(socket.data.user, message?.room, message?.body);
      ack?.(row);
    } catch (error) {
      ack?.({ error: problemOf(error).message });
    }
  });
  // For the figure of deliveries alone.
  if (env.FANOUT === '1') {
    socket.on('emit', ({ room, text, times }) => {
      for (let i = 0; i < times; i++) io.to(roomName(room)).emit('message', { text });
    });
  }
});

// ---- start and stop --------------------------------------------------------------------------------

process.once('SIGTERM', async () => {
  const closed = io.close(); // and the HTTP server with it
  server.closeAllConnections();
  await closed;
  await pool.end();
  process.exit(0);
});

server.keepAliveTimeout = 65000;
await promisify(server.listen.bind(server))({ port: Number(env.PORT ?? 3000), host: '127.0.0.1', backlog: 4096 });
console.log(`listening on 127.0.0.1:${server.address().port}`);
