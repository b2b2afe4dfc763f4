package org.headrace.projections.rocksdb;

import org.headrace.schema.log.Position;

/** What a room was created as. */
record StoredRoom(String roomVersion, Position created) {}
