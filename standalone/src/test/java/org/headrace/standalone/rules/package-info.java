/** Rules of the repository as tests: who imports whom, what may not be written. */
@NullMarked
package org.headrace.standalone.rules;

import org.jspecify.annotations.NullMarked;
