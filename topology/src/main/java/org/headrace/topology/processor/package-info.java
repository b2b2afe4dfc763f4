/** The Kafka Streams processor that runs a state machine. */
@NullMarked
package org.headrace.topology.processor;

import org.jspecify.annotations.NullMarked;
