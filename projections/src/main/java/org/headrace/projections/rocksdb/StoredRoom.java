package org.headrace.projections.rocksdb;

/** A room that is, or was, held. */
record StoredRoom(String roomVersion) {}
