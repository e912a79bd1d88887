*** Comments ***
Robot Framework test of a firmware of tdl build, in Renode:

    renode-test --variable ELF:/absolute/path/to/model.elf firmware.robot

It knows no model: any firmware that speaks the MLPerf Tiny device protocol passes. The input is what the board holds
after reset, zeros, which counts as loaded.

*** Settings ***
Suite Setup       Setup
Suite Teardown    Teardown
Test Setup        Boot
Test Teardown     Test Teardown
Resource          ${RENODEKEYWORDS}

*** Variables ***
${ELF}            ${CURDIR}/model.elf
${SRAM}           sram: Memory.MappedMemory @ sysbus 0x20000000 { size: 0x20000 }
${VIRTUAL_S}      60

*** Keywords ***
Boot
    Reset Emulation
    Execute Command           $elf=@${ELF}
    Execute Command           $sram="${SRAM}"
    Execute Command           include @${CURDIR}/run.resc
    Create Terminal Tester    sysbus.usart1    timeout=${VIRTUAL_S}
    Start Emulation
    Wait For Line On Uart     m-init-done
    Wait For Line On Uart     m-ready

Ask
    [Arguments]               ${command}
    # The carriage return behind the command is a space to the firmware. It echoes nothing.
    Write Line To Uart        ${command}%    waitForEcho=false

*** Test Cases ***
It Says Its Name
    Ask                       name
    Wait For Line On Uart     m-name-dut-\\[.+\\]    treatAsRegex=true
    Wait For Line On Uart     m-ready

It Says Its Model
    Ask                       profile
    Wait For Line On Uart     m-profile-\\[.+\\]    treatAsRegex=true
    Wait For Line On Uart     m-model-\\[.+\\]    treatAsRegex=true
    Wait For Line On Uart     m-ready

It Infers And Prints Results
    Ask                       infer 1 0
    Wait For Line On Uart     m-warmup-done
    Wait For Line On Uart     m-infer-start-1
    Wait For Line On Uart     m-infer-done
    Wait For Line On Uart     m-ready
    Ask                       results
    Wait For Line On Uart     m-results-\\[.+\\]    treatAsRegex=true
    Wait For Line On Uart     m-ready
    Ask                       x-output
    Wait For Line On Uart     x-output(-[0-9a-f]{2})+    treatAsRegex=true

It Refuses What It Does Not Know And Stays Usable
    Ask                       no-such-command
    Wait For Line On Uart     e-[
    Wait For Line On Uart     m-ready
    Ask                       name
    Wait For Line On Uart     m-name-dut-
