/** What a coverage-guided fuzzer calls, and the replay of what it found worth keeping. */
@NullMarked
package org.headrace.core.fuzz;

import org.jspecify.annotations.NullMarked;
