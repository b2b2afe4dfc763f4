/**
 * What a server makes of an event that it receives (server-server API, "Checks performed on receipt
 * of a PDU").
 */
@NullMarked
package org.headrace.core.receipt;

import org.jspecify.annotations.NullMarked;
