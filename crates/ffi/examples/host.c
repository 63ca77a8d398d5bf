/* platform.h on a computer: each argument is a file with what one connection
 * sends; answers go to standard output, the log to standard error. */
#include "platform.h"

#include <stdio.h>
#include <time.h>

int request_loop(void);

static char **files;
static FILE *connection;

bool next_connection(void) {
    if (connection != NULL) {
        fclose(connection);
        connection = NULL;
    }
    if (*files == NULL) {
        return false;
    }
    connection = fopen(*files, "rb");
    if (connection == NULL) {
        perror(*files);
        return false;
    }
    files++;
    return true;
}

size_t receive(char *buffer, size_t capacity) { return fread(buffer, 1, capacity, connection); }

void transmit(const char *bytes, size_t length) { fwrite(bytes, 1, length, stdout); }

void log_bytes(const char *bytes, size_t length) { fwrite(bytes, 1, length, stderr); }

uint64_t now(void) { return (uint64_t)time(NULL); }

int main(int count, char **arguments) {
    (void)count;
    files = arguments + 1;
    return request_loop();
}
