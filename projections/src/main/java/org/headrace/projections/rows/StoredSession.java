package org.headrace.projections.rows;

/** A device's newest session; a token of another hash has ended. */
public record StoredSession(String tokenHash, long createdTs) {}
