/**
 * Persistent data units: their format, hashes and redaction (server-server API and room versions).
 */
@NullMarked
package org.headrace.core.event;

import org.jspecify.annotations.NullMarked;
