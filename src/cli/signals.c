/* The signals that stop a run or ask for a checkpoint. */
#include "cli/cli.h"
#include <unistd.h>

static volatile sig_atomic_t last_signal;

/* The second request to stop is not waited for; a request for a checkpoint never replaces one to
 * stop. */
static void on_signal(int signal)
{
    bool stopping = last_signal != 0 && last_signal != SIGUSR2;
    if (stopping && (signal == SIGINT || signal == SIGTERM || signal == SIGHUP))
        _exit(128 + signal);
    if (!stopping)
        last_signal = signal;
}

volatile sig_atomic_t *cli_signals(void)
{
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        struct sigaction old;
        bool terminals = wanted[i] == SIGINT || wanted[i] == SIGHUP;
        sigemptyset(&a.sa_mask);
        if (terminals && sigaction(wanted[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
            continue; /* nohup, or `&` in a script: the run outlives its terminal */
        sigaction(wanted[i], &a, NULL);
    }
    signal(SIGPIPE, SIG_IGN); /* nobody reads what is told: training continues, and main tells */
    return &last_signal;
}

int cli_stopped(void)
{
    int signal = *cli_signals();
    return signal == SIGUSR2 ? 0 : signal;
}
