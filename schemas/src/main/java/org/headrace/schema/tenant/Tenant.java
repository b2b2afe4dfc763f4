package org.headrace.schema.tenant;

import java.util.List;
import org.headrace.core.id.ServerName;

/**
 * A server name that is hosted here (design D9); {@code keyIds} name its signing keys, newest
 * first.
 */
public record Tenant(ServerName name, List<String> keyIds, boolean openRegistration) {}
