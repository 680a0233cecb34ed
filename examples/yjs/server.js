#!/usr/bin/env node
/**
 * A server for y-websocket's provider: one shared document for each path, kept in memory. It registers itself by the name
 * `yjs`, and asks for a token, so that pages come through a hub.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { createServer } from 'wsyard/server'
import * as sync from 'y-protocols/sync'
import { Doc } from 'yjs'

/** The first number of a message: what the rest is about (y-protocols, PROTOCOL.md). */
const [aboutDocument, aboutPeople] = [0, 1]

/** @typedef {import('ws').WebSocket} Socket */
/** @typedef {{ document: Doc, sockets: Set<Socket> }} Room */
/** @type {Map<string, Room>} */
const rooms = new Map()

/** @param {string} path */
function roomAt(path) {
  const known = rooms.get(path)
  if (known !== undefined) return known
  /** @type {Room} */
  const room = { document: new Doc(), sockets: new Set() }
  room.document.on('update', (update, origin) => {
    const message = about(aboutDocument, (encoder) => sync.writeUpdate(encoder, update))
    for (const socket of room.sockets) if (socket !== origin) socket.send(message)
  })
  rooms.set(path, room)
  return room
}

/**
 * @param {number} subject
 * @param {(encoder: encoding.Encoder) => void} write
 */
function about(subject, write) {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, subject)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

/**
 * @param {Room} room
 * @param {Socket} socket
 * @param {Uint8Array} message
 */
function take({ document, sockets }, socket, message) {
  const decoder = decoding.createDecoder(message)
  const subject = decoding.readVarUint(decoder)
  if (subject === aboutDocument) {
    const answer = about(aboutDocument, (encoder) => sync.readSyncMessage(decoder, encoder, document, socket))
    if (answer.length > 1) socket.send(answer) // or it says nothing but what it is about
  } else if (subject === aboutPeople) {
    for (const other of sockets) if (other !== socket) other.send(message)
  }
}

const server = await createServer({
  name: 'yjs',
  onConnection(socket, { url = '/' }) {
    const room = roomAt(url.split('?')[0] ?? '/')
    room.sockets.add(socket)
    socket.on('close', () => room.sockets.delete(socket))
    socket.on('message', (data) => {
      try {
        take(room, socket, new Uint8Array(/** @type {Buffer} */ (data)))
      } catch (error) {
        console.warn(`A message that is none of Yjs: ${error instanceof Error ? error.message : error}`)
        socket.close(1007, 'not a message of Yjs')
      }
    })
    socket.send(about(aboutDocument, (encoder) => sync.writeSyncStep1(encoder, room.document)))
  },
  onWarning: (warning) => console.warn(warning.message),
})
console.log(`[${server.id}] WebSocket server listening on port ${server.port}`)

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    await server.close()
    process.exit()
  })
}
