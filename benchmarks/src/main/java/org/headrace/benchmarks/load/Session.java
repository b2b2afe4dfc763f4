package org.headrace.benchmarks.load;

import java.util.List;

/** A user of the load: its access token, and the rooms that it has joined. */
record Session(int number, String userId, String token, List<Integer> rooms) {}
