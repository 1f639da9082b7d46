/* The names by which the folder of a run or of a sweep is known; folder/paths.h has the others. Here,
 * as no file is written through a link below such a folder (util/file_links.c). */
#ifndef DESCENT_UTIL_FOLDER_NAMES_H
#define DESCENT_UTIL_FOLDER_NAMES_H

#define FOLDER_SPEC "spec.yaml"
#define FOLDER_MANIFEST "run.json"
#define FOLDER_LOCK ".lock" /* while somebody works in it, and after a kill */
#define FOLDER_CHECKPOINTS "checkpoints"
#define FOLDER_SWEEP "sweep.yaml" /* of a sweep */

#endif
