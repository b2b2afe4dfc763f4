package org.headrace.sender;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The sender meets other services in topics and behind view ports only (design §3, ADR 0005). */
class ImportRulesTest {
  @Test
  void importsPortsAndNoOtherService() {
    var own =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.headrace.sender");
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.headrace.sender..",
            "org.headrace.core..",
            "org.headrace.schema..",
            "org.headrace.federation..",
            "org.headrace.projections.view..",
            "org.headrace.topology.app..",
            "org.apache.kafka..",
            "com.fasterxml.jackson..",
            "org.jspecify..",
            "java..")
        .check(own);
  }

  @Test
  void itsPartsFormOneDirection() {
    var own =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.headrace.sender");
    classes()
        .that()
        .resideInAPackage("org.headrace.sender.outbox..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages(
            "org.headrace.sender.queue..",
            "org.headrace.sender.delivery..",
            "org.headrace.sender.app..")
        .check(own);
    classes()
        .that()
        .resideInAPackage("org.headrace.sender.queue..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.headrace.sender.delivery..", "org.headrace.sender.app..")
        .check(own);
    classes()
        .that()
        .resideInAPackage("org.headrace.sender.delivery..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.headrace.sender.outbox..", "org.headrace.sender.app..")
        .check(own);
  }
}
