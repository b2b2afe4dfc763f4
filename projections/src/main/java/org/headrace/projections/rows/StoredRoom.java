package org.headrace.projections.rows;

/** A room that is, or was, held. */
public record StoredRoom(String roomVersion) {}
