/**
 * The deterministic state machine that a topology runs: decide, apply, and the state they see
 * (design D1, D2).
 */
@NullMarked
package org.headrace.topology.machine;

import org.jspecify.annotations.NullMarked;
