/**
 * Commands: what a client, a server or another key's record asks for; the only input of a topology.
 */
@NullMarked
package org.headrace.schema.command;

import org.jspecify.annotations.NullMarked;
