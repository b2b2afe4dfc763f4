/** The Kafka broker inside the process (design D11), and its topics. */
@NullMarked
package org.headrace.standalone.broker;

import org.jspecify.annotations.NullMarked;
