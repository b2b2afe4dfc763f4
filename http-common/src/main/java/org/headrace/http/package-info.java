/** HTTP as all services of Headrace speak it: errors, authentication, bodies, CORS and limits. */
@NullMarked
package org.headrace.http;

import org.jspecify.annotations.NullMarked;
