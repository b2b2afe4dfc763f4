@NullMarked
package org.headrace.conformance;

import org.jspecify.annotations.NullMarked;
