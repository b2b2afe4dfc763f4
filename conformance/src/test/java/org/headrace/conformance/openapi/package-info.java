@NullMarked
package org.headrace.conformance.openapi;

import org.jspecify.annotations.NullMarked;
