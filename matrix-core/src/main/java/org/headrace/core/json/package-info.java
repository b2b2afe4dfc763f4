/** Strict JSON parsing and canonical JSON (spec appendices, "Canonical JSON"). */
@NullMarked
package org.headrace.core.json;

import org.jspecify.annotations.NullMarked;
