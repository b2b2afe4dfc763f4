package org.headrace.standalone.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may import whom, where the modules' own dependencies allow more (design, modules). */
class ImportRulesTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.headrace");

  private static final String[] SERVICES_AND_STREAMS = {
    "org.headrace.ingest..",
    "org.headrace.api..",
    "org.headrace.http..",
    "org.headrace.stateres..",
    "org.headrace.account..",
    "org.headrace.topology..",
    "org.headrace.standalone.."
  };

  private static final String[] DETERMINISTIC = {
    "org.headrace.core..",
    "org.headrace.schema..",
    "org.headrace.stateres..",
    "org.headrace.account..",
    "org.headrace.projections.fold.."
  };

  @Test
  void servicesSeeViewsThroughTheirPorts() {
    noClasses()
        .that()
        .resideInAnyPackage("org.headrace.ingest..", "org.headrace.api..", "org.headrace.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.headrace.projections.fold..",
            "org.headrace.projections.cassandra..",
            "org.headrace.projections.rocksdb..",
            "org.headrace.projections.rows..",
            "org.headrace.projections.runner..")
        .check(OURS);
  }

  @Test
  void servicesNeverImportEachOther() {
    none("org.headrace.ingest..", "org.headrace.api..");
    none("org.headrace.api..", "org.headrace.ingest..");
  }

  @Test
  void servicesMeetTheTopologiesInTopics() {
    none(
        new String[] {"org.headrace.ingest..", "org.headrace.api..", "org.headrace.http.."},
        "org.headrace.stateres..",
        "org.headrace.account..",
        "org.headrace.topology..");
  }

  @Test
  void projectionsAndTheLogClientKnowSchemasOnly() {
    none("org.headrace.projections..", SERVICES_AND_STREAMS);
    none("org.headrace.log..", SERVICES_AND_STREAMS);
    none("org.headrace.projections..", "org.headrace.log..");
    none("org.headrace.log..", "org.headrace.projections..");
  }

  @Test
  void theMachinesDoNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "org.headrace.stateres..", "org.headrace.account..", "org.headrace.projections.fold..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..", "java.nio.file..", "org.apache.kafka.clients..", "org.rocksdb..")
        .check(OURS);
  }

  @Test
  void theRoomsMachineAndTheAccountsDoNotKnowEachOther() {
    none("org.headrace.stateres..", "org.headrace.account..");
    none("org.headrace.account..", "org.headrace.stateres..");
  }

  @Test
  void decisionsAndFoldsReadNoClockAndNoRandomNumber() {
    noClasses()
        .that()
        .resideInAnyPackage(DETERMINISTIC)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(java.time.Clock.class, java.util.Random.class, java.util.UUID.class)
        .check(OURS);
  }

  private static void none(String from, String... to) {
    none(new String[] {from}, to);
  }

  private static void none(String[] from, String... to) {
    noClasses()
        .that()
        .resideInAnyPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(OURS);
  }
}
