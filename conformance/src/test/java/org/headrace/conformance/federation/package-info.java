@NullMarked
package org.headrace.conformance.federation;

import org.jspecify.annotations.NullMarked;
